"""Getting in, for participants and those who answer for them: activation by card, then phone or card code and PIN."""

from portal.web import guards
from portal.web.participant.sign_in import activation, day, forgotten, remembering
from portal.web.participant.sign_in.entering import blueprint, recover_stale_sign_in

blueprint.register_blueprint(activation.blueprint)
blueprint.register_blueprint(forgotten.blueprint)
blueprint.register_blueprint(day.blueprint)
blueprint.before_app_request(remembering.sign_in_remembered)
blueprint.before_app_request(guards.record_session_use)

__all__ = ["blueprint", "recover_stale_sign_in"]
