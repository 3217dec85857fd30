//! The form of a page: hidden values, fields with labels, and buttons. A form is posted to the address of
//! its page.

use maud::{Markup, html};

/// A form.
pub(in crate::endpoints::sign_in) struct PageForm<'a> {
    /// Names and values of hidden fields.
    pub(in crate::endpoints::sign_in) hidden: Vec<(&'a str, &'a str)>,
    pub(in crate::endpoints::sign_in) fields: Vec<Field<'a>>,
    /// The Enter key presses the first one.
    pub(in crate::endpoints::sign_in) actions: Vec<Action>,
}

/// A field of a form.
pub(in crate::endpoints::sign_in) struct Field<'a> {
    pub(in crate::endpoints::sign_in) name: &'static str,
    pub(in crate::endpoints::sign_in) label: &'static str,
    /// The type of the input, such as `password`.
    pub(in crate::endpoints::sign_in) kind: &'static str,
    /// The value of the attribute `autocomplete`.
    pub(in crate::endpoints::sign_in) autocomplete: &'static str,
    pub(in crate::endpoints::sign_in) value: &'a str,
}

/// A button of a form, the value of the parameter `action`.
pub(in crate::endpoints::sign_in) struct Action {
    value: &'static str,
    label: String,
}

impl Action {
    pub(in crate::endpoints::sign_in) fn new(value: &'static str, label: &str) -> Self {
        Self { value, label: label.to_owned() }
    }
}

impl PageForm<'_> {
    /// `is_wrong`: whether the text with the id `error` is about the fields.
    pub(super) fn markup(&self, is_wrong: bool) -> Markup {
        // The first empty field gets the focus.
        let focus = self.fields.iter().find(|field| field.value.is_empty()).map(|it| it.name);
        html! {
            form method="post" action="?" {
                @for (name, value) in &self.hidden {
                    input type="hidden" name=(name) value=(value);
                }
                @for field in &self.fields {
                    (field.markup(is_wrong, focus == Some(field.name)))
                }
                div .actions {
                    @for (index, action) in self.actions.iter().enumerate() {
                        button .primary[index == 0] type="submit" name="action"
                            value=(action.value) formnovalidate[index > 0] { (action.label) }
                    }
                }
            }
        }
    }
}

impl Field<'_> {
    fn markup(&self, is_wrong: bool, has_focus: bool) -> Markup {
        html! {
            label for=(self.name) { (self.label) }
            input id=(self.name) name=(self.name) type=(self.kind) value=(self.value)
                autocomplete=(self.autocomplete) autocapitalize="none" spellcheck="false" required
                autofocus[has_focus] aria-invalid=[is_wrong.then_some("true")]
                aria-describedby=[is_wrong.then_some("error")];
        }
    }
}
