"""What all tests share."""

import os

from hypothesis import settings

# Exact arithmetic on unlucky examples can be slow on a busy machine; a time limit per example would only be
# noise.
settings.register_profile("book", deadline=None, print_blob=True)
settings.load_profile("book")

# Drawing in tests needs no screen, and one thread per worker is enough.
os.environ.setdefault("MPLBACKEND", "agg")
