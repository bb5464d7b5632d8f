"""What 児童手当 gives to other systems."""

from yoriai.exchange.data_sets import DataSet

DATA_SETS = (DataSet("child_allowance.child", key=("child_no", "case_no")),)
