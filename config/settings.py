"""All settings, from environment variables (README.md lists them)."""

from pathlib import Path
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from whitenoise.compress import Compressor

from core.clock import anchored
from core.env import database_from_url, env, env_bool, env_choice, env_int, env_list, env_url, read_url
from core.headers import mark_file

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("PERMANENCE_VAR", str(BASE_DIR / "var")))

DEBUG = env_bool("DEBUG")
PERMANENCE_NOW = anchored(env("PERMANENCE_NOW"))
PERMANENCE_NOW_FILE = env("PERMANENCE_NOW_FILE")

SECRET_KEY = env("SECRET_KEY", "development-only-key" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY (or SECRET_KEY_FILE), or DEBUG=1 for development.")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
"""Earlier keys: sessions and the STOP list made with them stay valid."""

PUBLIC_BASE_URL = env("PUBLIC_BASE_URL", "http://localhost:8000").rstrip("/")
_public = read_url("PUBLIC_BASE_URL", PUBLIC_BASE_URL)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or [_public.hostname or "localhost"]
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_q",
    "axes",
    "ninja",
    "config.apps.ConfigConfig",
    "core",
    "communes",
    "agents",
    "booking",
    "planning",
    "notifications",
    "kiosk",
    "reporting",
    "privacy",
    "transfer",
    "operation",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "operation.watching.requests.measure_requests",
    "config.server.monitor.answer_monitors",
    "config.server.zero_characters.RefuseZeroCharactersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.server.outages.tell_outages",
    "reporting.middleware.PublicFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "agents.middleware.CurrentCommuneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "agents.middleware.MustChangePasswordMiddleware",
    "agents.middleware.SignedOutMiddleware",
    "agents.middleware.PrivatePagesMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.server.bodies.refuse_large_bodies",
    "config.server.removed.RemovedMeanwhileMiddleware",
    "privacy.middleware.note_consultations",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "agents.context_processors.navigation",
            ],
        },
    },
]
FORM_RENDERER = "core.renderer.FormRenderer"

DATABASES = {"default": database_from_url(env("DATABASE_URL"), VAR_DIR / "permanence.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if not env("DATABASE_URL"):
    try:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"PERMANENCE_VAR cannot be made: {error.strerror}: {VAR_DIR}") from error

BACKUP_FOLDER = Path(env("BACKUP_FOLDER", str(VAR_DIR / "backups")))
BACKUP_ENCRYPT_FOR = env("BACKUP_ENCRYPT_FOR")
METRICS_TOKEN = env("METRICS_TOKEN")
HOSTED_BY = env("HOSTED_BY")

AUTH_USER_MODEL = "agents.Agent"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "agents.backends.AgentBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 24 * 3600

AXES_HANDLER = "agents.guessing.LoginLimits"
AXES_CLIENT_IP_CALLABLE = "config.server.proxy.counted_address"
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # what is refused unread makes no wait longer
AXES_LOCKOUT_TEMPLATE = "login/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
HTTPS = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and env_bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = env_int("SECURE_HSTS_SECONDS", 365 * 24 * 3600) if HTTPS else 0
# These bind names that may not be this installation's own, and preloading is hard to take back.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env_bool("SECURE_HSTS_INCLUDE_SUBDOMAINS")
SECURE_HSTS_PRELOAD = HTTPS and env_bool("SECURE_HSTS_PRELOAD")
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # which ask for both
SILENCED_SYSTEM_CHECKS += ["mail.E001"]  # an installation without a mail server is none in development
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env_bool("BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("STATIC_ROOT", str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ADD_HEADERS_FUNCTION = mark_file
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

TASKS = {
    "default": {
        "BACKEND": "config.worker.task_backend.DjangoQBackend",
        "QUEUES": ["default", "long"],
    }
}
# These values worked in trials of django-q2 1.11. Few tasks are in flight, since `retry` counts from the
# dequeue.
Q_CLUSTER = {
    "name": "default",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "timeout": 30,
    "retry": 180,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "poll": 0.5 if DEBUG else 2,
    "save_limit": 100,
    "label": "Tasks",
    "ALT_CLUSTERS": {"long": {"workers": 1, "timeout": 1800, "retry": 3600, "max_attempts": 1}},
}

EMAIL_URL = env_url("EMAIL_URL")  # smtp://user:password@host:587
# Links in e-mails are secrets, so without a mail server they are not printed. Development keeps the e-mails
# in a folder, where they can be read; any other installation sends no e-mail and offers none.
EMAIL_FOLDER = VAR_DIR / "mails" if DEBUG and not EMAIL_URL.hostname else None
if EMAIL_FOLDER:
    EMAIL_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
SENDS_EMAIL = bool(EMAIL_URL.hostname or EMAIL_FOLDER)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "permanence@localhost")
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": EMAIL_URL.hostname,
            "port": EMAIL_URL.port or 587,
            "username": unquote(EMAIL_URL.username or ""),
            "password": unquote(EMAIL_URL.password or ""),
            "use_tls": EMAIL_URL.scheme == "smtp+tls",
            "timeout": 15,
        },
    }
    if EMAIL_URL.hostname
    else {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": EMAIL_FOLDER},
    }
    if EMAIL_FOLDER
    else {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "config.server.log_json.OneObject"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env_choice("LOG_FORMAT", ("plain", "json")),
            "filters": ["outages", "refusals", "rows"],
        }
    },
    "filters": {
        "routes": {"()": "config.server.log_filters.RouteForPath"},
        "outages": {"()": "config.server.log_filters.OneLineForOutages"},
        "refusals": {"()": "config.server.log_filters.OneLineForRefusals"},
        "rows": {"()": "config.server.log_filters.WithoutRows"},
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    # These must not be logged: some page URLs contain a secret (an invitation, a calendar), search terms may
    # be names and numbers, and SQL statements contain both. The provider's client and urllib3 log their
    # requests with the phone number (urllib3 even in some warnings).
    "loggers": {
        "django.request": {"filters": ["routes"]},
        "django.security.csrf": {"filters": ["routes"]},
        "django.server": {"level": "CRITICAL"},
        "django.db.backends": {"level": "INFO"},
        "axes": {"level": "ERROR"},
        "psycopg.pool": {"level": "ERROR"},  # it warns of each try; core/outage.py says what is wrong
        "twilio": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
    },
}
