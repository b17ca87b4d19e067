//! Orders the functions of a wasm module so that it compresses better.
//!
//! A server's gzip finds a repetition only within the last 32 KB, and generic code repeats itself all over
//! a module. Functions that share code are placed next to each other; nothing else changes.

use std::collections::VecDeque;

use anyhow::{Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef,
};

/// The length of the sequences that functions are compared by [bytes].
const SEQUENCE: usize = 6;
/// How far back a repetition is found, a little less than gzip's window [bytes].
const WINDOW: usize = 30_000;
/// A sequence that more functions contain than this many, and more than one in this many, says nothing
/// about any of them.
const COMMON: usize = 32;
/// Keeps tiny functions, which share all they have with many others, from coming first.
const TINY: usize = 60;

/// The module with its functions in the order that compresses best.
///
/// # Errors
/// If it is not a valid module.
pub(super) fn arranged(module: &[u8]) -> Result<Vec<u8>> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    let code: Vec<&[u8]> = bodies.iter().map(FunctionBody::as_bytes).collect();
    let order = order(&code);
    let mut places = vec![0; order.len()];
    for (place, &at) in order.iter().enumerate() {
        places[at] = imported + u32::try_from(place)?;
    }
    let mut arrangement = Arrangement {
        imported,
        order,
        places,
    };
    let mut arranged = Module::new();
    arrangement
        .parse_core_module(&mut arranged, Parser::new(0), module)
        .map_err(|error| anyhow!("cannot arrange the wasm: {error}"))?;
    Ok(arranged.finish())
}

/// A new order of a module's own functions.
struct Arrangement {
    /// The number of imported functions, which come first and stay.
    imported: u32,
    /// The earlier positions in the new order, without the imported ones.
    order: Vec<usize>,
    /// The new index of each function, by its earlier position.
    places: Vec<u32>,
}

impl Arrangement {
    /// What a section says about each function, in the new order.
    fn in_order<T: Clone>(
        &self,
        all: impl Iterator<Item = wasmparser::Result<T>>,
    ) -> Result<Vec<T>, Error> {
        let all = all.collect::<wasmparser::Result<Vec<T>>>()?;
        Ok(self.order.iter().map(|&at| all[at].clone()).collect())
    }
}

impl Reencode for Arrangement {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let own = function.checked_sub(self.imported);
        Ok(own.map_or(function, |own| self.places[own as usize]))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for kind in self.in_order(section.into_iter())? {
            functions.function(self.type_index(kind)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        for body in self.in_order(section.into_iter())? {
            utils::parse_function_body(self, code, body)?;
        }
        Ok(())
    }
}

/// The positions of texts in an order in which each shares much with those before it: always the one
/// next that has the largest share of its sequences in common with the window.
fn order(texts: &[&[u8]]) -> Vec<usize> {
    let sequences = numbered(texts);
    let kinds = sequences.iter().flatten().max().map_or(0, |last| last + 1);
    let mut having = vec![Vec::new(); kinds];
    for (at, contained) in sequences.iter().enumerate() {
        for &sequence in contained {
            having[sequence].push(at);
        }
    }
    for having in &mut having {
        if having.len() > COMMON.max(texts.len() / COMMON) {
            having.clear();
        }
    }

    // How many sequences of each text are in the window, and how often each sequence is.
    let mut shared = vec![0_usize; texts.len()];
    let mut present = vec![0_usize; kinds];
    let mut window = VecDeque::new();
    let mut length = 0;
    let mut rest: Vec<usize> = (0..texts.len()).collect();
    let mut order = Vec::with_capacity(texts.len());
    while let Some(next) = most_similar(&rest, &shared, &sequences) {
        let next = rest.remove(next);
        order.push(next);
        window.push_back(next);
        length += texts[next].len();
        for &sequence in &sequences[next] {
            present[sequence] += 1;
            if present[sequence] == 1 {
                having[sequence].iter().for_each(|&at| shared[at] += 1);
            }
        }
        while length > WINDOW && window.len() > 1 {
            let Some(gone) = window.pop_front() else {
                break;
            };
            length -= texts[gone].len();
            for &sequence in &sequences[gone] {
                present[sequence] -= 1;
                if present[sequence] == 0 {
                    having[sequence].iter().for_each(|&at| shared[at] -= 1);
                }
            }
        }
    }
    order
}

/// The sequences that each text contains, each once, as numbers.
fn numbered(texts: &[&[u8]]) -> Vec<Vec<usize>> {
    let mut all: Vec<&[u8]> = texts
        .iter()
        .flat_map(|text| text.windows(SEQUENCE))
        .collect();
    all.sort_unstable();
    all.dedup();
    let of = |text: &&[u8]| {
        let sequences = text.windows(SEQUENCE);
        let numbers = sequences.map(|sequence| all.partition_point(|&other| other < sequence));
        let mut contained: Vec<usize> = numbers.collect();
        contained.sort_unstable();
        contained.dedup();
        contained
    };
    texts.iter().map(of).collect()
}

/// The place in `rest` of the text that has the largest share of its sequences in the window, the first
/// of several.
fn most_similar(rest: &[usize], shared: &[usize], sequences: &[Vec<usize>]) -> Option<usize> {
    let weight = |at: usize| sequences[at].len() + TINY;
    let mut best: Option<(usize, usize)> = None;
    for (place, &at) in rest.iter().enumerate() {
        // Compares shared / weight without rounding.
        if best.is_none_or(|(_, best)| shared[at] * weight(best) > shared[best] * weight(at)) {
            best = Some((place, at));
        }
    }
    best.map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        EntityType, ExportKind, ExportSection, Function, ImportSection, TypeSection, ValType,
    };
    use wasmparser::{Export, Operator};

    use super::*;

    /// A module that imports a function and exports some of its own by their positions, each of which drops
    /// its number often and calls the function before it.
    fn module(numbers: &[i32]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("env", "outside", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        let mut exports = ExportSection::new();
        let mut code = CodeSection::new();
        for (&number, before) in numbers.iter().zip(0..) {
            functions.function(0);
            exports.export(&before.to_string(), ExportKind::Func, before + 1);
            let mut body = Function::new([]);
            for _ in 0..9 {
                body.instructions().i32_const(number).drop();
            }
            body.instructions().call(before).end();
            code.function(&body);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&exports).section(&code);
        module.finish()
    }

    /// For each exported function its name, its number and what it calls.
    fn calls(module: &[u8]) -> Vec<(String, i32, String)> {
        let mut exports: Vec<Export<'_>> = Vec::new();
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.expect("a module") {
                Payload::ExportSection(all) => {
                    exports = all.into_iter().collect::<Result<_, _>>().expect("exports");
                }
                Payload::CodeSectionEntry(body) => bodies.push(body),
                _ => {}
            }
        }
        let name = |index: u32| {
            let export = exports.iter().find(|export| export.index == index);
            export.map_or("outside", |export| export.name).to_owned()
        };
        let of = |export: &Export<'_>| {
            let body = &bodies[export.index as usize - 1];
            let (mut number, mut called) = (0, String::new());
            for operator in body.get_operators_reader().expect("operators") {
                match operator.expect("an operator") {
                    Operator::I32Const { value } => number = value,
                    Operator::Call { function_index } => called = name(function_index),
                    _ => {}
                }
            }
            (export.name.to_owned(), number, called)
        };
        exports.iter().map(of).collect()
    }

    #[test]
    fn similar_functions_come_together_and_each_keeps_its_name_and_its_calls() {
        let [a, b] = [1_000_000, 2_000_000];
        let before = module(&[a, b, a, b]);
        let after = arranged(&before).expect("a module");
        assert_ne!(after, before);
        let expected = [
            ("0", a, "outside"),
            ("1", b, "0"),
            ("2", a, "1"),
            ("3", b, "2"),
        ];
        let expected = expected.map(|(name, number, called)| (name.into(), number, called.into()));
        assert_eq!(calls(&before), expected);
        assert_eq!(calls(&after), expected);
        assert_eq!(arranged(&before).expect("a module"), after);
    }

    #[test]
    fn texts_that_share_sequences_follow_each_other() {
        let texts = ["abcdefghij", "0123456789", "xabcdefghi", "9012345678"];
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        assert_eq!(order(&texts), [0, 2, 1, 3]);
    }
}
