"""The codes of failures of the machine, of what is installed on it, and of the program itself."""

from accountools.domain.codes.code import Code
from accountools.domain.messages import N_

_MAKE_ROOM = N_("Free up space, or choose another folder.")
_CHECK_RIGHTS = N_("Check the permissions of the folder, or choose another one.")

CODES = {
    "disk-full": Code(
        N_("The disk is full."),
        _MAKE_ROOM,
        variants={
            "needed": Code(
                N_("There isn't enough space ({path}): {needed} MB needed, {free} MB free."),
                _MAKE_ROOM,
            ),
            "path": Code(N_("The disk is full ({path})."), _MAKE_ROOM),
        },
    ),
    "not-permitted": Code(
        N_("Permission denied."),
        N_("Check the permissions of the folder; on a server, ask an owner of the office for the role that this needs."),
        variants={
            "path": Code(N_("Permission denied ({path})."), _CHECK_RIGHTS),
            "owner": Code(
                N_("The office is of an earlier version. Only the database's user {owner}, who made it, may bring it up to date."),
                N_("Ask {owner} to open it once with this version."),
            ),
        },
    ),
    "database-away": Code(
        N_("The database does not respond."),
        N_("Check that it is running, and try again."),
        variants={
            "what": Code(N_("The database does not respond. The system reported: {what}."), N_("Check that it is running, and try again.")),
        },
    ),
    "machine-failed": Code(N_("The system reported: {what}."), N_("Try again; if it persists, contact your system administrator.")),
    "package-missing": Code(
        N_("This needs the package {package}, which is not installed."),
        N_('Install it: `pip install "accountools[{extra}]"`, or `uv tool install "accountools[{extra}]"`.'),
    ),
    "cluster-away": Code(
        N_("There is no Dask scheduler with workers at {address}."),
        N_("Start `dask scheduler` and `dask worker`, check the address, or give the number of workers here (--workers N)."),
    ),
    "worker-unsuitable": Code(
        N_("The worker {worker} can't do this work: {why}."),
        N_("Install the same version of this program on each worker, and give each of them the office under the same path."),
    ),
    "output-failed": Code(
        N_("The answer can't be written to standard output."), N_("Send it to a file or a program that can take it; nothing was changed.")
    ),
    "internal-error": Code(
        N_("This is an error in the program: {what}."),
        N_("It was not completed; the journal says what was done. Report it with what you did; ACCOUNTOOLS_DEBUG=1 shows more."),
    ),
}
