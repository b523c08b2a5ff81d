import datetime

import django.db.models.deletion
import notifications.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('communes', '0003_cabin_out_until'),
        ('notifications', '0008_forget_old_errors'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='failed_at',
            field=models.DateTimeField(blank=True, help_text='When the provider said so.', null=True),
        ),
        migrations.AddField(
            model_name='provideralarm',
            name='by_report',
            field=models.BooleanField(default=False, help_text='The message had been taken first, and failed later.'),
        ),
        migrations.AddField(
            model_name='provideralarm',
            name='commune',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='provider_alarms', to='communes.commune'),
        ),
        migrations.AddField(
            model_name='provideralarm',
            name='is_loud',
            field=models.BooleanField(default=True, help_text='Managers hear of it at once.'),
        ),
        migrations.AddField(
            model_name='provideralarm',
            name='taken_at',
            field=models.DateTimeField(blank=True, help_text='When a message was taken since, about which a report may come.', null=True),
        ),
        migrations.AddField(
            model_name='provideralarm',
            name='try_again_after',
            field=models.DurationField(default=datetime.timedelta(seconds=600)),
        ),
        migrations.AddField(
            model_name='provideralarm',
            name='warned_at',
            field=models.DateTimeField(blank=True, help_text='When managers were written to.', null=True),
        ),
        migrations.AlterField(
            model_name='provideralarm',
            name='channel',
            field=models.CharField(choices=notifications.models.channel_choices, max_length=10),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('failure', 'path'), ('state', 'failed')), fields=['commune', 'failed_at'], name='message_path_failed'),
        ),
        migrations.AddConstraint(
            model_name='provideralarm',
            constraint=models.UniqueConstraint(condition=models.Q(('commune', None)), fields=('channel',), name='alarm_once_for_the_account'),
        ),
        migrations.AddConstraint(
            model_name='provideralarm',
            constraint=models.UniqueConstraint(condition=models.Q(('commune__isnull', False)), fields=('commune', 'channel'), name='alarm_once_for_a_commune'),
        ),
    ]
