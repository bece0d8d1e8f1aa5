from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "creditwell.integrations.email"
    label = "email"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from creditwell.integrations.email.handlers import COPY, DRAFTS, IF_ASKED
        from creditwell.outbox.interest import listen

        for topic in {COPY, *DRAFTS} - IF_ASKED:
            listen(topic)
        for topic in IF_ASKED:
            listen(topic, when=lambda body: bool(body.get("email") or body.get("email_to")))
