"""Getting in, for participants and those who answer for them: activation by card, then phone or card code and PIN."""

from portal.web.sign_in import activation
from portal.web.sign_in.entering import again, blueprint

blueprint.register_blueprint(activation.blueprint)

__all__ = ["again", "blueprint"]
