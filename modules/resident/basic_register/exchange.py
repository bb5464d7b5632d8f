"""What the register gives to other systems: everybody who lives here, and their movements; masked like extractions."""

from yoriai.exchange.data_sets import DataSet

DATA_SETS = (
    DataSet("resident.person", key=("addressee_no",)),
    DataSet("resident.removed", key=("addressee_no",)),
    DataSet("resident.movement", key=("addressee_no", "movement_no")),
)
