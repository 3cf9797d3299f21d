"""The codes of wrong usage of the command line."""

from accountools.domain.codes.code import Code
from accountools.domain.messages import N_

CODES = {
    "plan-needed": Code(N_("--plan needs --confirm."), N_("Give both, or neither.")),
    "options-exclude": Code(N_("These options can't be combined: {options}."), N_("Give one of them.")),
    "usage": Code(
        N_("{what}"),
        N_("See the command's --help."),
        variants={
            "home": Code(N_("There is no user here whose home folder is {home}."), N_("Give the path of the folder.")),
        },
    ),
}
