"""report.html: one file for looking at a run; the templates, styles and scripts beside this are inlined into it."""
