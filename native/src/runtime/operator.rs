use super::api::{Api, KernelInfo, OPTIONAL, REQUIRED, UNDEFINED, VARIADIC};
use super::context::Context;
use super::element::Element;
use super::status::check;
use std::ffi::{CStr, CString, c_int};

/// An operator of the domain "nora". A value of the type is one node of a graph, with its attributes.
pub trait CustomOperator: Sized + Send + Sync + 'static {
    const NAME: &'static CStr;
    const INPUTS: &'static [Slot];
    const OUTPUTS: &'static [Slot];

    /// Reads a node's attributes, once, when a session is made.
    fn from_attributes(attributes: &Attributes) -> Result<Self, String>;

    /// Computes the outputs from the inputs, which may be weights mapped read-only. May be called by several threads at once.
    fn compute(&self, context: &Context) -> Result<(), String>;
}

/// An input or an output of an operator.
#[derive(Clone, Copy)]
pub struct Slot {
    pub element: c_int,
    pub presence: c_int,
}

impl Slot {
    pub const F32: Self = Self::of::<f32>();
    pub const I64: Self = Self::of::<i64>();
    pub const U8: Self = Self::of::<u8>();
    /// Of any type, and where there are several, each of its own: what reads them says which they must be.
    pub const ANY: Self = Self {
        element: UNDEFINED,
        presence: REQUIRED,
    };

    pub const fn of<T: Element>() -> Self {
        Self {
            element: T::NUMBER,
            presence: REQUIRED,
        }
    }

    /// It may be left out: '' in a graph.
    pub const fn optional(self) -> Self {
        Self {
            presence: OPTIONAL,
            ..self
        }
    }

    /// One or more of them; only for the last one.
    pub const fn variadic(self) -> Self {
        Self {
            presence: VARIADIC,
            ..self
        }
    }
}

/// The attributes of a node.
pub struct Attributes<'a> {
    pub(super) api: &'a Api,
    pub(super) info: *const KernelInfo,
}

impl Attributes<'_> {
    /// A number; an attribute that the node does not have is an error, as below.
    pub fn float(&self, name: &str) -> Result<f32, String> {
        let key = key(name)?;
        let mut value = 0.0;
        // SAFETY: `info` lives as long as these attributes, which ONNX Runtime hands out for a kernel's creation. So also below.
        check(self.api, unsafe {
            (self.api.float_attribute)(self.info, key.as_ptr(), &mut value)
        })?;
        Ok(value)
    }

    pub fn integer(&self, name: &str) -> Result<i64, String> {
        let key = key(name)?;
        let mut value = 0;
        check(self.api, unsafe {
            (self.api.integer_attribute)(self.info, key.as_ptr(), &mut value)
        })?;
        Ok(value)
    }

    /// An integer that counts something.
    pub fn count(&self, name: &str) -> Result<usize, String> {
        let value = self.integer(name)?;
        usize::try_from(value).map_err(|_| format!("attribute {name} is {value}, below zero"))
    }

    pub fn integers(&self, name: &str) -> Result<Vec<i64>, String> {
        let key = key(name)?;
        let mut length = 0;
        // SAFETY: without a place to write to, the call gives the length alone; the second has a place of that length.
        check(self.api, unsafe {
            (self.api.integers_attribute)(
                self.info,
                key.as_ptr(),
                std::ptr::null_mut(),
                &mut length,
            )
        })?;
        let mut values = vec![0; length];
        check(self.api, unsafe {
            (self.api.integers_attribute)(self.info, key.as_ptr(), values.as_mut_ptr(), &mut length)
        })?;
        Ok(values)
    }
}

fn key(name: &str) -> Result<CString, String> {
    CString::new(name).map_err(|_| format!("{name:?} is no name of an attribute"))
}
