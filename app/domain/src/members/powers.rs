//! Who has a say over whom: nobody over those above, and nobody gives more than they have. So only an owner makes, changes
//! or removes an owner. The verbs ask these, and the screen, which offers no more than they allow.

use crate::roles::{Action, Role, allows};

/// Whether `actor` may invite somebody to be `role`.
pub fn may_invite(actor: Role, role: Role) -> bool {
    allows(actor, Action::InviteMembers) && role <= actor
}

/// Whether `actor` may turn a member from one role to another.
pub fn may_change(actor: Role, from: Role, to: Role) -> bool {
    allows(actor, Action::ChangeRoles) && from <= actor && to <= actor
}

/// Whether `actor` may remove a member of this role.
pub fn may_remove(actor: Role, role: Role) -> bool {
    allows(actor, Action::RemoveMembers) && role <= actor
}

/// The roles that `actor` may give, from the least to the most.
pub fn roles_to_give(actor: Role) -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().filter(move |role| may_invite(actor, *role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Admin, Member, Owner, Viewer};

    #[test]
    fn each_role_over_each_role() {
        let table: [(Role, &[Role]); 4] =
            [(Viewer, &[]), (Member, &[]), (Admin, &[Viewer, Member, Admin]), (Owner, &[Viewer, Member, Admin, Owner])];
        for (actor, given) in table {
            assert_eq!(roles_to_give(actor).collect::<Vec<_>>(), given, "{actor:?}");
            for role in Role::ALL {
                let has_a_say = given.contains(&role);
                assert_eq!(may_invite(actor, role), has_a_say, "{actor:?} invites {role:?}");
                assert_eq!(may_remove(actor, role), has_a_say, "{actor:?} removes {role:?}");
                for to in Role::ALL {
                    let may = has_a_say && given.contains(&to);
                    assert_eq!(may_change(actor, role, to), may, "{actor:?} makes {role:?} {to:?}");
                }
            }
        }
    }
}
