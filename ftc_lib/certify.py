"""The short name of ``ftc_lib.core.certify``, so that ``from ftc_lib.certify import certify`` reads as it sounds."""

from ftc_lib.core.certify import Certificate, certify, exact_values, fingerprint

__all__ = ["Certificate", "certify", "exact_values", "fingerprint"]
