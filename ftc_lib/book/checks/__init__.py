"""The checks of the chapters, a file for each: what was built, asked whether a claim holds."""
