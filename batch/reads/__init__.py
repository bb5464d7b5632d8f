"""Reads over the night's tables: async `Reader` in, plain shapes out. The moment is passed in.

A municipality's staff read through the same functions with `ctx.read_own_rows()`: the database shows them their own rows. Functions
that need a column or a table of the centre say so.
"""
