"""This file runs jupyter_kernel_test, the kit that Jupyter gives to authors of
kernels, with every attribute set: none of its tests is skipped."""

import jupyter_kernel_test


class CajalTests(jupyter_kernel_test.KernelTests):
    kernel_name = "cajal"
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "oops")'

    completion_samples = [
        {"text": "strings.HasPre", "matches": {"HasPrefix"}},
        {"text": "math.Sqrt", "matches": {"Sqrt", "Sqrt2", "SqrtE", "SqrtPhi", "SqrtPi"}},
    ]
    complete_code_samples = [
        "1 + 1",
        'fmt.Println("x")',
        "func double(x int) int {\n\treturn 2 * x\n}",
        "for i := range 3 {\n\t_ = i\n}",
    ]
    incomplete_code_samples = [
        "func double(x int) int {",
        "fmt.Println(",
        "x := []int{1,",
        "s := `first line",
        "1 +",
    ]
    invalid_code_samples = [")", "x := )", "func { }", 's := "no end\n']

    code_page_something = "strings.HasPrefix?"
    code_generate_error = 'panic("boom")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": 'len("abc") == 3', "result": "true"},
        {"code": "x := 20; x + 1", "result": "21"},
        {"code": 'display.Markdown("*x*")', "result": "*x*", "mime": "text/markdown"},
    ]
    code_display_data = [
        {"code": 'display.Show(display.Markdown("*x*"))', "mime": "text/markdown"},
        {"code": 'display.Show(display.HTML("<b>x</b>"))', "mime": "text/html"},
        {"code": 'display.Show(display.LaTeX("x^2"))', "mime": "text/latex"},
        {"code": 'display.Show(display.SVG(`<svg xmlns="http://www.w3.org/2000/svg"/>`))', "mime": "image/svg+xml"},
        {"code": "display.Show(image.NewGray(image.Rect(0, 0, 4, 4)))", "mime": "image/png"},
        {"code": "display.Show(display.JSON{Value: []int{1, 2}})", "mime": "application/json"},
        {"code": "display.Show(struct{ X int }{1})", "mime": "text/plain"},
    ]

    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 ? 7"

    code_inspect_sample = "strings.HasPrefix"
    code_clear_output = "display.Clear(false)"


class CajalWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "cajal"
    support_iopub_welcome = True
