"""The codes of users."""

from accountools.domain.codes.code import Code
from accountools.domain.messages import N_

CODES = {
    "user-not-found": Code(
        N_("Administration {number} has no user {login}."),
        N_("Choose another user (`accountools user list --administration {number}`), or create this one (`accountools user add`)."),
    ),
    "user-exists": Code(N_("Administration {number} already has a user {login}: {name}."), N_("Use that user.")),
    "user-inactive": Code(N_("User {login} is not active in administration {number}."), N_("Activate the user, or choose another one.")),
    "user-is-office": Code(N_("User {login} belongs to the office, not to the client."), N_("Choose a user of the client, or create one.")),
    "login-invalid": Code(
        N_("“{login}” is not a valid login name."), N_("Give the login name of the user's own computer: DOMAIN\\name, name@domain or name.")
    ),
    "too-many-users": Code(
        N_("{active} users would be active, and the licence allows {allowed}: {names}."),
        N_("Deactivate users of the client, or ask for a licence for more users."),
    ),
    "employee-invalid": Code(
        N_("{employee} is not an employee number; it runs from 1 to 999999999."), N_("Give a number from 1 to 999999999.")
    ),
}
