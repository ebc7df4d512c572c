"""Where studies lie: opening it, what it outlives, and what is read and written below Optuna."""
