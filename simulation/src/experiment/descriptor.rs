//! Macros that derive type, decoder and schema of an experiment document from one list.
//!
//! A field that is left out is in none of the three, and a variant without a name does not compile.

/// Structures of the document: `Name { field: Type, }`, each with its documentation;
/// `Name as "Other"` sets another name in the published schema.
macro_rules! document {
    ($(
        $(#[$doc:meta])*
        $vis:vis $name:ident $(as $published:literal)? {
            $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $vis struct $name {
            $($(#[$field_doc])* $vis $field: $type,)*
        }

        $crate::experiment::descriptor::document!(@decode $name { $($field,)* });

        #[cfg(test)]
        $crate::experiment::descriptor::document!(@schema $name $(as $published)?, {
            $(#[$doc])*
            struct Fields {
                $($(#[$field_doc])* $field: $type,)*
            }
        });
    )*};
    (@decode $name:ident { $($field:ident,)* }) => {
        impl hpa_core::manifest::Decode for $name {
            fn decode(
                &mut self,
                cursor: &hpa_core::manifest::Cursor<'_>,
            ) -> Result<(), hpa_core::manifest::Unfit> {
                // Destructured without `..`, so that a forgotten field does not compile.
                let Self { $($field),* } = self;
                cursor.fields(&mut [$((stringify!($field), $field)),*])
            }
        }
    };
    (@schema $name:ident, { $($fields:tt)* }) => {
        $crate::experiment::descriptor::document!(@schema $name as stringify!($name), { $($fields)* });
    };
    (@schema $name:ident as $published:expr, { $($fields:tt)* }) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $published.into()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                // Provides stand-ins for types without a schema of their own.
                #[allow(unused_imports, reason = "not every structure has all of them")]
                use $crate::experiment::document::schema::stand_in::*;
                #[derive(Default, schemars::JsonSchema)]
                #[schemars(rename_all = "camelCase", default)]
                #[allow(dead_code, reason = "only its schema is of use")]
                $($fields)*
                <Fields as schemars::JsonSchema>::json_schema(generator)
            }
        }
    };
}

/// A structure with fields of its own and exactly one choice: `key "keyInYaml" => Variant(Type)`.
///
/// Decoding keeps every given choice, so that lowering can report none or more than one at the
/// structure's position.
macro_rules! one_of {
    (
        $(#[$document_doc:meta])*
        $document_vis:vis $document:ident {
            $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)*
        }
        $(#[$choice_doc:meta])*
        $vis:vis $choice:ident {
            $($(#[$doc:meta])* $key:ident $word:literal => $variant:ident($payload:ty),)*
        }
    ) => {
        $(#[$document_doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $document_vis struct $document {
            $($(#[$field_doc])* $document_vis $field: $field_type,)*
            /// The given choices: exactly one in a valid document.
            $document_vis chosen: Vec<$choice>,
        }

        $(#[$choice_doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis enum $choice {
            $($(#[$doc])* $variant($payload),)*
        }

        impl $choice {
            /// The names of all variants in a document.
            $vis const NAMES: &'static [&'static str] = &[$($word),*];

            /// The variant's name in a document.
            #[must_use]
            $vis const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $word,)*
                }
            }
        }

        impl hpa_core::manifest::Decode for $document {
            fn decode(
                &mut self,
                cursor: &hpa_core::manifest::Cursor<'_>,
            ) -> Result<(), hpa_core::manifest::Unfit> {
                let Self { $($field,)* chosen } = self;
                $(let mut $key: Option<$payload> = None;)*
                cursor.fields(&mut [
                    $((stringify!($field), $field),)*
                    $(($word, &mut $key),)*
                ])?;
                chosen.clear();
                $(chosen.extend($key.map($choice::$variant));)*
                Ok(())
            }
        }

        #[cfg(test)]
        $crate::experiment::descriptor::document!(@schema $document, {
            $(#[$document_doc])*
            struct Fields {
                $($(#[$field_doc])* $field: $field_type,)*
                $($(#[$doc])* #[schemars(rename = $word)] $key: Option<$payload>,)*
            }
        });
    };
}

/// An enumeration written as one word.
#[cfg(test)]
pub(super) trait Words {
    /// The words, in the order of the variants.
    const WORDS: &'static [&'static str];
}

/// The words of enumerations: `Type { "word" => Variant, }`, or `Variant = value` if the variant
/// carries data.
macro_rules! words {
    ($($type:ident { $($word:literal => $variant:ident $(= $value:expr)?),* $(,)? })*) => {$(
        impl hpa_core::manifest::Decode for $type {
            fn decode(
                &mut self,
                cursor: &hpa_core::manifest::Cursor<'_>,
            ) -> Result<(), hpa_core::manifest::Unfit> {
                const CHOICES: &[(&str, &$type)] = &[$((
                    $word,
                    &$crate::experiment::descriptor::words!(@value $type $variant $($value)?),
                )),*];
                self.clone_from(cursor.choice(CHOICES)?);
                // An exhaustive match, so that a variant without a word does not compile.
                match self {
                    $(Self::$variant { .. } => Ok(()),)*
                }
            }
        }

        #[cfg(test)]
        $crate::experiment::descriptor::words!(@words $type { $($word,)* });
    )*};
    (@words $type:ident { $($word:literal,)* }) => {
        impl $crate::experiment::descriptor::Words for $type {
            const WORDS: &'static [&'static str] = &[$($word),*];
        }
    };
    (@value $type:ident $variant:ident) => { $type::$variant };
    (@value $type:ident $variant:ident $value:expr) => { $value };
}

pub(super) use {document, one_of, words};
