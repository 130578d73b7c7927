"""What training finds: the frozen model that the chapters repair.

data    the diabetes data, and a small network that is wrong somewhere
"""

from ftc_lib.training.data import Frozen, diabetes, keep, train_diabetes

__all__ = ["Frozen", "diabetes", "keep", "train_diabetes"]
