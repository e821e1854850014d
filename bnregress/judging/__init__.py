"""What results mean: held against known regressions, against each other, and with what cures them."""
