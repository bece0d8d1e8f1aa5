"""Settings: API keys. The secret is shown on one page, once, and kept nowhere."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import Refusal
from creditwell.tenancy import queries
from creditwell.tenancy.tokens import api_token
from creditwell.usecases.create_api_key import CreateApiKey, create_api_key
from creditwell.usecases.revoke_api_key import RevokeApiKey, revoke_api_key
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.practice.forms import ApiKeyForm, scope_words


@sensitive_variables("token")
@door("api_keys.manage")
def api_keys(request: PracticeRequest) -> HttpResponse:
    """All keys, and a form for one more; a new key's text is in the answer to its form."""
    form = ApiKeyForm(request.POST or None, initial={"key": uuid.uuid4().hex})
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        practice_id = request.member.practice_id
        token = api_token(practice_id=practice_id, user_id=request.user.pk, key=key)
        command = CreateApiKey(
            practice_id=practice_id,
            by=request.member.actor,
            name=form.cleaned_data["name"],
            scopes=tuple(form.cleaned_data["scopes"]),
            token=token,
            key=key,
        )
        try:
            create_api_key(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            made = {"name": command.name, "token": token.text}
            return render(request, "practice/api_key_made.html", made)
    keys = [
        replace(key, scopes=[str(scope_words(scope)) for scope in key.scopes])
        for key in queries.api_keys(request.member.practice_id)
    ]
    context = {"form": form, "keys": keys}
    status = 422 if form.is_bound else 200
    return render(request, "practice/api_keys.html", context, status=status)


@require_POST
@door("api_keys.manage")
def revoke(request: PracticeRequest, api_key_id: int) -> HttpResponse:
    """Shut a program out."""
    command = RevokeApiKey(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        api_key_id=api_key_id,
    )
    revoke_api_key(command, timezone.now())
    messages.success(request, _("Key revoked."))
    return redirect("api_keys")
