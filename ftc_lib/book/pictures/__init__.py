"""What the figures of each chapter need beyond the shared drawing words; a file takes what its chapter computed."""
