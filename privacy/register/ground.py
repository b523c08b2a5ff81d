"""Tables of the ground: edits, logins, the queue, and tables of Django."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "core.EditTrace",
        "who edited a record last: for colleagues who edit it at the same time",
        Goes.DAYS,
        agent="by at names",
        other="id record",
    ),
    RegisteredTable(
        "sessions.Session",
        "who is logged in",
        Goes.DAYS,
        agent="session_data",
        other="session_key expire_date",
    ),
    RegisteredTable(
        "axes.AccessAttempt",
        "failed logins, to lock out guessing; of the address a keyed hash only",
        Goes.DAYS,
        agent="username ip_address user_agent http_accept path_info get_data post_data attempt_time "
        "failures_since_start",
        other="id",
    ),
    RegisteredTable(
        "axes.AccessAttemptExpiration", "unused by the product", Goes.DAYS, other="access_attempt expires_at"
    ),
    RegisteredTable(
        "axes.AccessLog",
        "unused by the product (switched off)",
        Goes.DAYS,
        agent="username ip_address user_agent http_accept path_info attempt_time logout_time session_hash",
        other="id",
    ),
    RegisteredTable(
        "axes.AccessFailureLog",
        "unused by the product (switched off)",
        Goes.DAYS,
        agent="username ip_address user_agent http_accept path_info attempt_time locked_out",
        other="id",
    ),
    RegisteredTable("django_q.OrmQ", "tasks that wait; ids only", Goes.MINUTES, other="id key payload lock"),
    *(
        RegisteredTable(
            f"django_q.{name}",
            "tasks that ran; ids only, the last hundred",
            Goes.DAYS,
            other="id name func hook args kwargs result group cluster started stopped success attempt_count",
        )
        for name in ("Task", "Success", "Failure")
    ),
    RegisteredTable(
        "django_q.Schedule",
        "what the worker does regularly",
        Goes.STAYS,
        other="id name func hook args kwargs schedule_type minutes repeats next_run cron task cluster "
        "intended_date_kwarg",
    ),
    RegisteredTable("auth.Group", "unused by the product", Goes.STAYS, other="id name"),
    RegisteredTable(
        "auth.Group_permissions", "unused by the product", Goes.STAYS, other="id group permission"
    ),
    RegisteredTable("auth.Permission", "Django's own", Goes.STAYS, other="id name content_type codename"),
    RegisteredTable("contenttypes.ContentType", "Django's own", Goes.STAYS, other="id app_label model"),
)
