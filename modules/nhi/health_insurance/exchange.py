"""What NHI gives to other systems."""

from yoriai.exchange.data_sets import DataSet

DATA_SETS = (DataSet("nhi.enrolment", key=("addressee_no",)),)
