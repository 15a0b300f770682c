"""Laboratory results and assessments in words."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _l

Words = Mapping[str, Any]


MEASURES: Final[Words] = {
    "bilirubin:umol/L": _l("Total bilirubin, µmol/L"),
    "bilirubin:mg/dL": _l("Total bilirubin, mg/dL"),
    "temperature:Cel": _l("Temperature, °C"),
    "weight:kg": _l("Weight, kg"),
}


KINDS: Final[Words] = {
    "bilirubin": _l("Total bilirubin"),
    "temperature": _l("Temperature"),
    "weight": _l("Weight"),
}


UNITS: Final[Words] = {"umol/L": "µmol/L", "mg/dL": "mg/dL", "Cel": "°C", "kg": "kg"}


CERTAINTIES: Final[Words] = {
    "confirmed": _l("Acute GVHD, confirmed"),
    "suspected": _l("Acute GVHD, suspected"),
    "not-gvhd": _l("Not GVHD"),
}


MEANINGS: Final[Words] = {
    "assessed": _l("I have assessed the participant and take responsibility for these stages."),
    "reviewed": _l("I have reviewed these stages and agree."),
}


STANDINGS: Final[Words] = {
    "unsigned": _l("not signed"),
    "signed": _l("signed"),
    "void": _l("signature void: changed since"),
    "broken": _l("signature void: the content is not what was signed"),
}
