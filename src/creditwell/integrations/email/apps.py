from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "creditwell.integrations.email"
    label = "email"
    default_auto_field = "django.db.models.BigAutoField"
