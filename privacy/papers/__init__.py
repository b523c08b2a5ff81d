"""What is handed out about privacy: notice for residents, record of processing, impact assessment.

They are French documents, made of sentences. A sentence that promises something names the tests that
show it. What depends on the register, on the settings of a commune or on the installation is filled in.
"""

from privacy.papers.assessment import ASSESSMENT
from privacy.papers.notice import NOTICE
from privacy.papers.record import RECORD

PAPERS = {paper.name: paper for paper in (NOTICE, RECORD, ASSESSMENT)}

__all__ = ["ASSESSMENT", "NOTICE", "PAPERS", "RECORD"]
