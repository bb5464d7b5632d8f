"""Taxes and the income facts other businesses judge from."""
