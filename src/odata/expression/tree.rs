//! The tree of an expression, as `$filter` and `$orderby` write one. Names and literals are still
//! text, with the column at which they stand; what they mean, `plan` finds out.

use super::literal::Literal;

/// How high a tree may be, so that neither reading nor walking nor dropping it exhausts a stack.
pub const MAX_HEIGHT: usize = 100;

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// The column, from 1, of its operator or else of its first character. Inside `$expand`
    /// columns count from the start of the value of `$expand`.
    pub at: usize,
    height: usize,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A value.
    Literal(Literal),
    /// `managedDevice/id`, or a variable of a lambda.
    Path(PropertyPath),
    /// `assignments/$count`, `deviceRunStates/$count($filter=runState eq 'fail')`
    Count {
        /// Whose items.
        collection: PropertyPath,
        /// The condition on an item that is counted.
        filter: Option<Box<Expression>>,
    },
    /// `contains(displayName,'a')`
    Call {
        /// The function, in the client's case.
        name: Name,
        /// What it is called with.
        arguments: Vec<Expression>,
    },
    /// `roleScopeTagIds/any(t:t eq '0')`; without a predicate: that there is an item.
    Any {
        /// Whose items.
        collection: PropertyPath,
        /// What one of them must satisfy.
        predicate: Option<Predicate>,
    },
    /// `roleScopeTagIds/all(t:t ne '0')`
    All {
        /// Whose items.
        collection: PropertyPath,
        /// What each of them must satisfy.
        predicate: Predicate,
    },
    /// `-errorCode`; the sign of a number is part of its literal.
    Negate(Box<Expression>),
    /// `not contains(displayName,'a')`
    Not(Box<Expression>),
    /// `runState eq 'success'`
    Compare {
        /// How.
        operator: Comparison,
        /// What.
        left: Box<Expression>,
        /// With what.
        right: Box<Expression>,
    },
    /// `errorCode add 1`
    Calculate {
        /// How.
        operator: Arithmetic,
        /// With what.
        left: Box<Expression>,
        /// And what.
        right: Box<Expression>,
    },
    /// `flags has microsoft.graph.flag'a'`
    Has {
        /// The set of flags.
        left: Box<Expression>,
        /// The flags sought in it.
        right: Box<Expression>,
    },
    /// `runState in ('success','fail')`
    In {
        /// What is sought.
        value: Box<Expression>,
        /// Where.
        list: List,
    },
    /// Two or more operands with `and` between them; those in parentheses stay one operand.
    And(Vec<Expression>),
    /// Two or more operands with `or` between them; those in parentheses stay one operand.
    Or(Vec<Expression>),
}

/// A name, in the client's case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// An identifier, or several with dots between them.
    pub text: String,
    /// The column, from 1, of its first character.
    pub at: usize,
}

/// One or more names with slashes between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyPath {
    /// The names, the outermost first.
    pub names: Vec<Name>,
}

/// The argument of `any` and `all`.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// What an item is called in the condition; never a name with dots.
    pub variable: Name,
    /// What is asked of the item.
    pub condition: Box<Expression>,
}

/// What stands right of `in`.
#[derive(Clone, Debug, PartialEq)]
pub enum List {
    /// `('a','b')`: one item or more.
    Items(Vec<ListItem>),
    /// A collection.
    Path(PropertyPath),
}

/// A literal in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListItem {
    /// The literal.
    pub literal: Literal,
    /// The column, from 1, of its first character.
    pub at: usize,
}

/// An operator that compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

/// An operator that calculates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Addition.
    Add,
    /// Subtraction.
    Sub,
    /// Multiplication.
    Mul,
    /// Division, of whole numbers without remainder.
    Div,
    /// Division with a fraction.
    DivBy,
    /// Remainder.
    Mod,
}

impl Expression {
    /// Makes a node; its height follows from what it is made of.
    #[must_use]
    pub fn new(kind: ExpressionKind, at: usize) -> Self {
        let height = 1 + kind.operands().map(Self::height).max().unwrap_or(0);
        Self { kind, at, height }
    }

    /// How many nodes stand above each other in it; at most [`MAX_HEIGHT`] where it was read.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }
}

impl ExpressionKind {
    /// The expressions that it is made of, from left to right.
    pub fn operands(&self) -> impl Iterator<Item = &Expression> {
        let (one, other, many): (Option<&Expression>, Option<&Expression>, &[Expression]) =
            match self {
                Self::Literal(_) | Self::Path(_) => (None, None, &[]),
                Self::Count { filter, .. } => (filter.as_deref(), None, &[]),
                Self::Call { arguments: many, .. } | Self::And(many) | Self::Or(many) => {
                    (None, None, many)
                }
                Self::Any { predicate, .. } => {
                    (predicate.as_ref().map(|predicate| &*predicate.condition), None, &[])
                }
                Self::All { predicate, .. } => (Some(&predicate.condition), None, &[]),
                Self::Negate(one) | Self::Not(one) | Self::In { value: one, .. } => {
                    (Some(one), None, &[])
                }
                Self::Compare { left, right, .. }
                | Self::Calculate { left, right, .. }
                | Self::Has { left, right } => (Some(left), Some(right), &[]),
            };
        one.into_iter().chain(other).chain(many)
    }
}

impl Comparison {
    /// The operator as OData writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

impl Arithmetic {
    /// The operator as OData writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::DivBy => "divby",
            Self::Mod => "mod",
        }
    }
}
