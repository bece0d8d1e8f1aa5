"""
Two people, or one in two tabs, change the same thing: nothing of either is lost in silence.

A form that changes what is there already says beside each field what was shown in it. What somebody
left as it was shown is left as it is now; what both changed is refused once, with what it is now.
"""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from creditwell.web.components.fields import Form

SHOWN = "shown-"


class EditForm(Form):
    """Changes what others may change meanwhile; calls `guard` when its fields are complete."""

    guarded = False

    def guard(self) -> None:
        """Compare what came with what was shown and what is stored (the form's `initial`)."""
        self.guarded = True
        self.taken: list[str] = []
        if not self.is_bound:
            return
        self.sent = cast("QueryDict", self.data).copy()
        self.data = self.sent
        for name in self.fields:
            shown = self.data.get(self.add_prefix(SHOWN + name))
            if shown is None:
                continue
            shown, typed, stored = _even(shown), self._typed(name), self._stored(name)
            if stored == shown:
                continue
            if typed == shown:
                self._put(name, stored)
            elif typed != stored:
                self.taken.append(name)

    @property
    def as_shown(self) -> SafeString:
        """What the fields say now, for the next time the form comes back."""
        if not self.guarded:
            return SafeString("")
        return format_html_join(
            "",
            '<input type="hidden" name="{}" value="{}">',
            ((self.add_prefix(SHOWN + name), self._stored(name)) for name in self.fields),
        )

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.guarded:
            for name in self.taken:
                self.add_error(name, self._why(name))

    def _why(self, name: str) -> str:
        stored = self._stored(name)
        choices = dict(getattr(self.fields[name], "choices", ()))
        words = {str(value): str(word) for value, word in choices.items()}
        if said := words.get(stored, stored):
            return _(
                "Somebody has changed this to “%(now)s” since you opened the page. "
                "Save again to keep yours."
            ) % {"now": said}
        return _("Somebody has emptied this since you opened the page. Save again to keep yours.")

    def _typed(self, name: str) -> str:
        widget = self.fields[name].widget
        return _even(widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))

    def _stored(self, name: str) -> str:
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        if not isinstance(field.widget, forms.CheckboxInput):
            value = field.widget.format_value(value)
        return _even(value)

    def _put(self, name: str, stored: str) -> None:
        key = self.add_prefix(name)
        if isinstance(self.fields[name].widget, forms.CheckboxInput) and not stored:
            self.sent.pop(key, None)
        elif isinstance(self.fields[name].widget, forms.SelectMultiple):
            self.sent.setlist(key, stored.split(",") if stored else [])
        else:
            self.sent[key] = stored


def _even(value: Any) -> str:
    """One text for one meaning, however the browser or the widget writes it."""
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, list | tuple):
        return ",".join(sorted(str(one) for one in value))
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
