//! The syntax tree of an expression of `$filter` or `$orderby`. Names and literals are text, with
//! their columns. Knows neither the model nor types.

use super::literal::Literal;

/// The largest height of a tree, so that parsing, visiting or dropping it does not overflow a stack.
pub const MAX_HEIGHT: usize = 100;

/// An expression and its column.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The kind, with its operands.
    pub kind: ExpressionKind,
    /// The column, from 1, of its operator, or of its first character if it has no operator. Inside
    /// `$expand`, columns count from the start of the value of `$expand`.
    pub at: usize,
    height: usize,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A value.
    Literal(Literal),
    /// `managedDevice/id`, or a variable of a lambda.
    Path(PropertyPath),
    /// `assignments/$count`, `deviceRunStates/$count($filter=runState eq 'fail')`
    Count {
        /// The collection.
        collection: PropertyPath,
        /// The condition on an item that is counted.
        filter: Option<Box<Expression>>,
    },
    /// `contains(displayName,'a')`
    Call {
        /// The function, in the client's case.
        name: Name,
        /// The arguments.
        arguments: Vec<Expression>,
    },
    /// `roleScopeTagIds/any(t:t eq '0')`; without a predicate: there is an item.
    Any {
        /// The collection.
        collection: PropertyPath,
        /// The condition on one of its items.
        predicate: Option<Predicate>,
    },
    /// `roleScopeTagIds/all(t:t ne '0')`
    All {
        /// The collection.
        collection: PropertyPath,
        /// The condition on each of its items.
        predicate: Predicate,
    },
    /// `-errorCode`; the sign of a number is part of its literal.
    Negate(Box<Expression>),
    /// `not contains(displayName,'a')`
    Not(Box<Expression>),
    /// `runState eq 'success'`
    Compare {
        /// The operator.
        operator: Comparison,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// `errorCode add 1`
    Calculate {
        /// The operator.
        operator: Arithmetic,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// `flags has microsoft.graph.flag'a'`
    Has {
        /// The set of flags.
        left: Box<Expression>,
        /// The flags that it must have.
        right: Box<Expression>,
    },
    /// `runState in ('success','fail')`
    In {
        /// The value.
        value: Box<Expression>,
        /// The list that must have it.
        list: List,
    },
    /// Two or more operands with `and` between them. An expression in parentheses is one operand.
    And(Vec<Expression>),
    /// Two or more operands with `or` between them. An expression in parentheses is one operand.
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
    /// The name of an item in the condition; it has no dots.
    pub variable: Name,
    /// The condition on the item.
    pub condition: Box<Expression>,
}

/// The right operand of `in`.
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
    /// Makes a node. Its height follows from its operands.
    #[must_use]
    pub fn new(kind: ExpressionKind, at: usize) -> Self {
        let height = 1 + kind.operands().map(Self::height).max().unwrap_or(0);
        Self { kind, at, height }
    }

    /// The height of the tree, at most [`MAX_HEIGHT`] for a parsed one.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }
}

impl ExpressionKind {
    /// The operands, from left to right.
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
