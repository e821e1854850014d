"""What results mean: compared with known regressions, against each other, and with what cures them."""
