"""What people read of a study: tables, pictures, reports, exports, and what the dashboard shows."""
