//! The text form of label selectors.
//!
//! Upstream: `k8s.io/apimachinery/pkg/labels/selector.go`, `Lexer` and `Parser`.
//!
//! ```text
//! selector    = requirement { "," requirement }
//! requirement = [ "!" ] key | key ( "=" | "==" | "!=" | ">" | "<" ) value
//!             | key ( "in" | "notin" ) "(" value { "," value } ")"
//! ```
//! An omitted value is the empty one.

use std::collections::BTreeSet;

use super::super::Rules;
use super::super::gotext::quote;
use super::super::names::qualified_name_errors;
use super::{Operator, Requirement, SelectorError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    End,
    Identifier,
    /// `in`, `notin`, or an operator of one or two symbols.
    Operator(Operator),
    Not,
    Comma,
    Open,
    Close,
}

/// A token and its text.
type Lexeme<'a> = (Token, &'a str);

pub(super) fn parse(text: &str, rules: Rules) -> Result<Vec<Requirement>, SelectorError> {
    let mut parser = Parser {
        text,
        position: 0,
        rules,
    };
    let mut requirements = Vec::new();
    loop {
        match parser.peek() {
            (Token::Identifier | Token::Not, _) => {
                let requirement = parser
                    .requirement()
                    .map_err(|error| fail(format!("unable to parse requirement: {error}")))?;
                requirements.push(requirement);
                match parser.next() {
                    (Token::End, _) => return Ok(requirements),
                    (Token::Comma, _) => match parser.peek() {
                        (Token::Identifier | Token::Not, _) => {}
                        (_, found) => {
                            return found_instead(found, ", expected: identifier after ','");
                        }
                    },
                    (_, found) => {
                        return found_instead(found, ", expected: ',' or 'end of string'");
                    }
                }
            }
            (Token::End, _) => return Ok(requirements),
            (_, found) => {
                return found_instead(found, ", expected: !, identifier, or 'end of string'");
            }
        }
    }
}

fn fail(text: String) -> SelectorError {
    SelectorError(text)
}

fn found_instead<T>(found: &str, expected: &str) -> Result<T, SelectorError> {
    Err(fail(format!("found '{found}'{expected}")))
}

/// Reads token after token. Upstream scans everything first; the result is the same.
struct Parser<'a> {
    text: &'a str,
    position: usize,
    rules: Rules,
}

impl<'a> Parser<'a> {
    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let mut lexeme = self.next();
        let absent = lexeme.0 == Token::Not;
        if absent {
            lexeme = self.next();
        }
        let (Token::Identifier, key) = lexeme else {
            return found_instead(lexeme.1, ", expected: identifier");
        };
        let problems = qualified_name_errors(key);
        if !problems.is_empty() {
            // Upstream passes no field here, and its nil prints like this.
            let (key, problems) = (quote(key), problems.join("; "));
            return Err(fail(format!("<nil>: Invalid value: {key}: {problems}")));
        }
        if absent {
            return Requirement::new(key, Operator::DoesNotExist, Vec::new(), self.rules);
        }
        if matches!(self.peek().0, Token::End | Token::Comma) {
            return Requirement::new(key, Operator::Exists, Vec::new(), self.rules);
        }
        let operator = match self.lex() {
            (Token::Operator(operator), _) => operator,
            (_, found) => {
                return found_instead(found, ", expected: in, notin, =, ==, !=, gt, lt");
            }
        };
        let values = if matches!(operator, Operator::In | Operator::NotIn) {
            self.values()?
        } else {
            vec![self.value()?]
        };
        Requirement::new(key, operator, values, self.rules)
    }

    /// The value after `=` and its like; an omitted one is empty.
    fn value(&mut self) -> Result<String, SelectorError> {
        if matches!(self.peek().0, Token::End | Token::Comma) {
            return Ok(String::new());
        }
        match self.next() {
            (Token::Identifier, value) => Ok(value.to_owned()),
            (_, found) => found_instead(found, ", expected: identifier"),
        }
    }

    /// The list in parentheses after `in` and `notin`, sorted and without repetition.
    fn values(&mut self) -> Result<Vec<String>, SelectorError> {
        match self.next() {
            (Token::Open, _) => {}
            (_, found) => return found_instead(found, " expected: '('"),
        }
        match self.peek() {
            (Token::Identifier | Token::Comma, _) => {
                let values = self.list()?;
                self.next();
                Ok(values.into_iter().map(str::to_owned).collect())
            }
            (Token::Close, _) => {
                self.next();
                Ok(vec![String::new()])
            }
            (_, found) => found_instead(found, ", expected: ',', ')' or identifier"),
        }
    }

    /// Reads up to the closing parenthesis; an omitted value before or after a comma is
    /// empty.
    fn list(&mut self) -> Result<BTreeSet<&'a str>, SelectorError> {
        let mut values = BTreeSet::new();
        loop {
            match self.next() {
                (Token::Identifier, value) => {
                    values.insert(value);
                    match self.peek() {
                        (Token::Comma, _) => {}
                        (Token::Close, _) => return Ok(values),
                        (_, found) => return found_instead(found, ", expected: ',' or ')'"),
                    }
                }
                (Token::Comma, _) => {
                    if values.is_empty() {
                        values.insert("");
                    }
                    match self.peek().0 {
                        Token::Close => {
                            values.insert("");
                            return Ok(values);
                        }
                        Token::Comma => {
                            self.next();
                            values.insert("");
                        }
                        _ => {}
                    }
                }
                (_, found) => return found_instead(found, ", expected: ',', or identifier"),
            }
        }
    }

    /// The next token, where `in` and `notin` are identifiers like any other.
    fn next(&mut self) -> Lexeme<'a> {
        match self.lex() {
            (Token::Operator(Operator::In | Operator::NotIn), text) => (Token::Identifier, text),
            lexeme => lexeme,
        }
    }

    fn peek(&mut self) -> Lexeme<'a> {
        let position = self.position;
        let lexeme = self.next();
        self.position = position;
        lexeme
    }

    fn lex(&mut self) -> Lexeme<'a> {
        self.text[self.position..]
            .bytes()
            .take_while(|&b| is_blank(b))
            .for_each(|_| self.position += 1);
        let rest = &self.text[self.position..];
        let symbol = |length, token| (length, token);
        let (length, token) = match rest.as_bytes() {
            // Upstream treats a NUL as the end of the text.
            [] | [0, ..] => return (Token::End, ""),
            [b'=', b'=', ..] => symbol(2, Token::Operator(Operator::DoubleEquals)),
            [b'!', b'=', ..] => symbol(2, Token::Operator(Operator::NotEquals)),
            [b'=', ..] => symbol(1, Token::Operator(Operator::Equals)),
            [b'>', ..] => symbol(1, Token::Operator(Operator::GreaterThan)),
            [b'<', ..] => symbol(1, Token::Operator(Operator::LessThan)),
            [b'!', ..] => symbol(1, Token::Not),
            [b',', ..] => symbol(1, Token::Comma),
            [b'(', ..] => symbol(1, Token::Open),
            [b')', ..] => symbol(1, Token::Close),
            bytes => {
                let end = |&b: &u8| b == 0 || is_blank(b) || b"=!(),><".contains(&b);
                let length = bytes.iter().position(end).unwrap_or(bytes.len());
                let token = match &rest[..length] {
                    "in" => Token::Operator(Operator::In),
                    "notin" => Token::Operator(Operator::NotIn),
                    _ => Token::Identifier,
                };
                (length, token)
            }
        };
        self.position += length;
        (token, &rest[..length])
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
