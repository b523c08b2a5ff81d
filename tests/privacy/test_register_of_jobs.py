"""Jobs that delete and providers that receive are declared, as columns are."""

from core import periodic
from notifications.providers import PROVIDERS, registered
from privacy.register.jobs import JOBS
from privacy.register.recipients import BY_FOLDER, RECIPIENTS
from privacy.retention import KINDS
from privacy.retention import Job as RetentionJob


def test_every_periodic_task_is_declared_with_its_period():
    declared = {(job.task, job.every) for job in JOBS}
    running = {
        (task.module_path, every.name) for every in periodic.Every for task in periodic.registered(every)
    }
    assert declared == running, "say in privacy/register/jobs.py what it does to personal data"


def test_what_deletes_a_kind_is_a_task_that_runs():
    deleting = {kind.task for kind in KINDS if kind.job == RetentionJob.TASK}
    assert deleting - {job.task for job in JOBS} == set()


def test_every_provider_is_declared_as_a_recipient():
    assert [each.folder for each in RECIPIENTS] == list(PROVIDERS)


def test_a_recipient_is_said_to_be_asked_to_delete_where_it_can_be():
    can_be = {
        name for name, provider in zip(PROVIDERS, registered(), strict=True) if provider.erase is not None
    }
    assert {each.folder for each in RECIPIENTS if each.erased_each_night} == can_be


def test_every_recipient_that_is_somebody_says_where_it_is_and_what_it_gets():
    for each in BY_FOLDER.values():
        if each.folder != "simulator":
            assert all((each.name, each.country, each.receives, each.keeps)), each.folder
