"""An investigator's findings."""

from datetime import timedelta

from portal.domain.assessing import AssessmentFindings
from tests.support.people import TODAY

FINDINGS = AssessmentFindings(
    assessed_on=TODAY,
    skin=2,
    liver=1,
    upper_gi=0,
    lower_gi=0,
    certainty="confirmed",
    onset_on=TODAY - timedelta(days=1),
)
