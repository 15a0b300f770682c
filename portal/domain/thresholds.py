"""The numbers of the alert rules and of the counting rules, as the protocol file gives them."""

from dataclasses import dataclass
from decimal import Decimal

from portal.domain.bounds import Amount, Celsius, Count, Days, Hours, Minutes, Percent, Score, Years


@dataclass(frozen=True, slots=True)
class AlertBand:
    """``amber`` from this value, ``red`` from that one, both inclusive."""

    amber: Amount
    red: Amount


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every number of the alert rules and of the counting rules before them; the unit is part of the name.

    All are inclusive ("from"), save those that say ``above`` or ``below`` and ``cold_amber_cel`` (below it).
    ``missed_call_task`` and ``missed_red`` count missed diaries in a row.

    Those with a default came with protocol 2.0. The default is "off", the rule as it was before; a file may leave them
    out. ``weight_window_days`` and ``bilirubin_normal_days`` are numbers of rules that others switch on.

    - ``appetite_baseline_reports``: the fewest reports that make a baseline, and the length of its median; 0: none.
    - ``appetite_baseline_look_days``: a poor appetite at the baseline is flagged all the same on each so many-th day of
      the run, so that nobody's is out of sight for longer; 0: never.
    - ``running_reflag_days``: a symptom on days running is flagged again on each so many-th day; 1: on every day.
    - ``rash_assessed_growth_points``: an assessed rash of the amber extent is flagged again from so many points more
      than at the signature; 0: on every day.
    - ``assessment_free_days``: a signed assessment holds until the organ was free for so many known days; 0: it is
      for the caller to say whether it holds.
    - ``weight_change_percent``: amber from this change within ``weight_window_days``; 0: no rule.
    - ``weight_loss_percent``: the least loss that counts beside a poor appetite; 0: any.
    - ``stool_onset_clear_days``: known days below stage 1 after which a new onset begins.
    - ``liver_signs_apart``: dark urine and pale stools are two symptoms.
    - ``jaundice_settles_below_mg_dl``: only a bilirubin below it settles jaundice; 0: it is for the caller to say.
      ``jaundice_free_days`` and ``jaundice_settled_days``: after so many days the sign begins anew.
    - ``bilirubin_normal_days``: so long a normal bilirubin is the liver's stage.
    - ``bilirubin_amber_stage``, ``bilirubin_red_stage``, ``bilirubin_red_rise`` (stages more than the result before),
      ``reaction_red_grade``: from which stage or grade a result alerts; 0: never.
    - ``after_infusion_by_day``: the hours also count by the day that a diary is about; ``after_planned_infusion``:
      also after an infusion that was planned and of which nothing is recorded yet.
    - ``unsent_red_minutes``: how long staff wait with the alert of a red answer that was saved and not sent.
    """

    fever_red_cel: Celsius
    fever_amber_cel: Celsius
    cold_amber_cel: Celsius
    rash_amber_percent: Percent
    rash_red_above_percent: Percent
    rash_growth_points: Percent
    rash_growth_days: Days
    stool_ml: AlertBand
    stool_episodes: AlertBand
    stool_child_ml_per_kg: AlertBand
    stool_child_episodes: AlertBand
    unmeasured_episode_ml: Amount
    unmeasured_episode_child_ml_per_kg: Amount
    pain_amber_score: Score
    pain_red_score: Score
    score_amber: Score
    score_rise: Score
    persistence_days: Days
    upper_gi_days: Days
    vomits_per_day: Count
    anorexia_weight_loss_days: Days
    since_yesterday_days: Days
    after_infusion_hours: Hours
    child_age_below: Years
    child_weight_kg_max: Amount
    stool_mean_days: Days
    acute_last_study_day: Days
    missed_call_task: Count
    missed_red: Count
    appetite_baseline_reports: Days = 0
    appetite_baseline_look_days: Days = 0
    running_reflag_days: Count = 1
    rash_assessed_growth_points: Percent = Decimal(0)
    assessment_free_days: Days = 0
    weight_change_percent: Percent = Decimal(0)
    weight_loss_percent: Percent = Decimal(0)
    weight_window_days: Days = 14
    stool_onset_clear_days: Days = 1
    liver_signs_apart: bool = False
    jaundice_settles_below_mg_dl: Amount = Decimal(0)
    jaundice_free_days: Days = 0
    jaundice_settled_days: Days = 0
    bilirubin_normal_days: Days = 7
    bilirubin_amber_stage: Score = 0
    bilirubin_red_stage: Score = 0
    bilirubin_red_rise: Score = 0
    reaction_red_grade: Score = 0
    after_infusion_by_day: bool = False
    after_planned_infusion: bool = False
    unsent_red_minutes: Minutes = 10
