"""The service: study definition, storage, worker, hardware, dashboard and command line."""
