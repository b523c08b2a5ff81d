"""The installation: settings, URLs, server, worker."""

import django_stubs_ext

# So that `forms.ModelForm[Resident]` and the like can be written for the type checker.
django_stubs_ext.monkeypatch()
