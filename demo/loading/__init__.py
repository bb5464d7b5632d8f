"""Puts a synthetic population into a municipality's schema, business by business, as a conversion from an old system would."""
