"""Welfare: allowances and services people receive."""
