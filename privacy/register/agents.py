"""Tables of agents, their shifts and absences."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "agents.Agent",
        "who works here, to log in and to be reached by colleagues",
        Goes.ACCOUNT,
        agent="password last_login username first_name last_name email phone is_active date_joined "
        "must_change_password email_confirmed password_mailed_at news_by_email wants_sound wants_digest "
        "left_on",
        other="id is_superuser is_staff",
    ),
    RegisteredTable(
        "agents.Invitation",
        "who is invited to work for a commune; goes when used, withdrawn or a week after it was made",
        Goes.DAYS,
        agent="email invited_by is_desk is_helper is_manager is_technician is_elected weekly_hours "
        "expires_at",
        other="id commune token_hash mailed_at",
    ),
    RegisteredTable(
        "agents.Invitation_skills", "what they could help with", Goes.DAYS, other="id invitation service"
    ),
    RegisteredTable(
        "agents.Membership",
        "roles in a commune",
        Goes.ACCOUNT,
        agent="agent is_desk is_helper is_manager is_technician is_elected weekly_hours last_on",
        other="id commune",
    ),
    RegisteredTable(
        "agents.SetAsideShift",
        "shifts after the last day of an agent who leaves, so that they can stay after all",
        Goes.ACCOUNT,
        agent="site starts_at ends_at",
        other="id membership pattern_day rest_of",
    ),
    RegisteredTable(
        "agents.Membership_skills",
        "what a helper can help with",
        Goes.ACCOUNT,
        agent="service",
        other="id membership",
    ),
    RegisteredTable(
        "agents.Shift",
        "who is where, when",
        Goes.ROTA,
        agent="agent site starts_at ends_at",
        other="id",
    ),
    RegisteredTable(
        "agents.ShiftPattern",
        "an agent's usual week",
        Goes.ROTA,
        agent="agent site weekdays starts ends every_weeks anchor_on from_on until_on",
        other="id",
    ),
    RegisteredTable(
        "agents.PatternDay",
        "which shifts were made of a usual week",
        Goes.ROTA,
        agent="agent site starts_at ends_at on",
        other="id pattern shift",
    ),
    RegisteredTable(
        "agents.AbsenceRequest",
        "absences that helpers ask for: the kind, and a word to the manager until it is answered",
        Goes.ROTA,
        agent="agent starts_at ends_at kind comment asked_at answered_at answered_by is_accepted",
        other="id commune absence",
    ),
    RegisteredTable(
        "agents.Absence",
        "when an agent cannot be counted on; the kind only, no reason",
        Goes.ROTA,
        agent="agent starts_at ends_at kind declared_by",
        other="id commune",
    ),
    RegisteredTable("agents.Agent_groups", "unused by the product", Goes.ACCOUNT, other="id agent group"),
    RegisteredTable(
        "agents.Agent_user_permissions", "unused by the product", Goes.ACCOUNT, other="id agent permission"
    ),
    RegisteredTable(
        "agents.FailedLogin",
        "wrong passwords by address, to block guessing; keyed hashes only",
        Goes.DAYS,
        agent="address name at",
        other="id",
    ),
    RegisteredTable(
        "agents.KnownAddress",
        "addresses of logins of the last seven days, which are not blocked; keyed hashes only",
        Goes.DAYS,
        agent="address last_login_at",
        other="id",
    ),
)
