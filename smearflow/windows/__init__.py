"""Windows of incoming cells: read, judged, shown."""
