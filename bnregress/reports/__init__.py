"""What people read: the terminal table, the progress display and summary.md, all drawn from the results alone."""
