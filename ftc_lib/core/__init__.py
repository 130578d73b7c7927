"""The language that all rooms speak: networks as plain data, samples on a line, bounds as integers, exact checks.

network           layers, networks, kinks
samples           samples, and lines to look along
bounds            every bound, as integers
certify           the exact error of any network
rounding          the error that binds a float network
summation         what rounding does to a sum
construction      the record of a way to build
exact             linear algebra on Fractions
linear_program    linear programs on rational numbers
network_file      a network's file, read without trust
types             the types that signatures name
files             files written whole or not at all
"""

from ftc_lib.core.network import ConditioningError, Layer, Network, RankOne, along, kinks, part, restrict, to_fractions

__all__ = ["ConditioningError", "Layer", "Network", "RankOne", "along", "kinks", "part", "restrict", "to_fractions"]
