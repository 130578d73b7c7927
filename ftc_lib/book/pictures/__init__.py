"""The pictures of the chapters, a file for each: what a cell computed, drawn and published."""
