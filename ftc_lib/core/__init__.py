"""The language that all rooms speak: networks as plain data, samples on a line, bounds as integers, exact checks.

exact             linear algebra on Fractions           summation   what rounding does to a sum
linear_program    linear programs on rational numbers   files       files written whole or not at all
network_file      a network's file, read without trust
network           layers, networks, kinks
samples           samples, and lines to look along      bounds      every bound, as integers
construction      the record of a way to build
rounding          the error that binds a float network  certify     the exact error of any network
"""

from ftc_lib.core.network import ConditioningError, Layer, Network, RankOne, along, kinks, part, restrict, to_fractions

__all__ = ["ConditioningError", "Layer", "Network", "RankOne", "along", "kinks", "part", "restrict", "to_fractions"]
