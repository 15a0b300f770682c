"""Data: exports, the inspection pack, the audit log, data queries, locks."""

from portal.web.staff.data import audit_log, data_queries, exports, inspection_pack, locks

BLUEPRINTS = (
    exports.blueprint,
    inspection_pack.blueprint,
    audit_log.blueprint,
    data_queries.blueprint,
    locks.blueprint,
)
