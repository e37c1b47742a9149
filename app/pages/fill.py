"""Fill a sheet: type one example, see the rest; what is doubtful is marked, and one question settles most."""

from app.pages.desk import session, start, work

if session.sheet() is None:
    start.show()
else:
    work.show()
