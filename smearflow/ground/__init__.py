"""What everything stands on: errors, files, processes, progress; no knowledge of cells."""
