package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fm/dataset"
	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/output"
)

// anonymizeFlags say what of the rows is hidden.
type anonymizeFlags struct {
	fields, key string

	hidden output.Fields
	by     *output.Anonymizer // nil: nothing is hidden
}

func (z *anonymizeFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Anonymity"}
	g.text(&z.fields, "anonymize", "", "", "hide these `FIELDS` in all that is written: addresses, macs, names, with commas between")
	g.text(&z.key, "anonymize-key", "", "", "the secret by which they are hidden: a `FILE` of 32 bytes, or of 64 hexadecimal digits")
}

// check enforces the rules among the flags.
func (z *anonymizeFlags) check(cmd *cobra.Command) error {
	given, keyed := cmd.Flags().Changed("anonymize"), cmd.Flags().Changed("anonymize-key")
	switch {
	case !given && !keyed:
		return nil
	case !given || !keyed || z.key == "":
		return withHint(usagef("--anonymize FIELDS and --anonymize-key FILE go together"), cmd)
	}
	var err error
	if z.hidden, err = output.ParseFields(z.fields); err != nil {
		return withHint(usagef("--anonymize: %v", err), cmd)
	}
	return nil
}

// checkRows refuses rows that would still tell what is to be hidden. They are those of
// layout, of columns, or, with neither, fm's own.
func (z *anonymizeFlags) checkRows(layout *feature.Layout, columns []string) error {
	macs, addrs := identities(layout, columns)
	switch {
	case z.hidden&output.Addresses != 0 && z.hidden&output.MACs == 0 && len(macs) > 0:
		return &usageError{text: fmt.Sprintf("--anonymize %s: %s would still tell the hosts apart", z.hidden, columnWords(macs)), hint: "--anonymize addresses,macs hides them too"}
	case z.hidden&output.MACs != 0 && z.hidden&output.Addresses == 0 && len(addrs) > 0:
		return &usageError{text: fmt.Sprintf("--anonymize %s: %s may hold MACs, in addresses of IPv6", z.hidden, columnWords(addrs)), hint: "--anonymize addresses,macs hides both"}
	}
	return nil
}

// identities are the columns that hold MACs, and those that hold addresses.
func identities(l *feature.Layout, columns []string) (macs, addrs []string) {
	if l == nil {
		for _, n := range []string{"src_ip", "dst_ip"} {
			if columns == nil || slices.Contains(columns, n) {
				addrs = append(addrs, n)
			}
		}
		return nil, addrs
	}
	for ; l != nil; l = l.Beside {
		for _, c := range l.InTable() {
			switch {
			case strings.HasSuffix(c.Name, "_mac") || strings.HasSuffix(c.Name, "_oui"):
				macs = append(macs, c.Name)
			case c.Type == feature.TypeAddr:
				addrs = append(addrs, c.Name)
			}
		}
	}
	return macs, addrs
}

func columnWords(names []string) string {
	if len(names) == 1 {
		return "column " + names[0]
	}
	return "columns " + some(names)
}

// open reads the key.
func (z *anonymizeFlags) open(u *ui) error {
	if z.hidden == 0 {
		return nil
	}
	f, err := os.Open(z.key)
	if err != nil {
		return fileError("read", z.key, err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return fileError("read", z.key, err)
	}
	key, err := output.ParseKey(content)
	if err != nil {
		return &hinted{fmt.Errorf("read key %s: %w", z.key, err), "head -c 32 /dev/urandom > FILE makes one"}
	}
	if info, err := f.Stat(); err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		u.warn("others can read the key %s: chmod 600 keeps it", z.key)
	}
	z.by = output.NewAnonymizer(key, z.hidden)
	return nil
}

// anonymize reads the key of z, by which messages too call inputs from here on.
func (a *app) anonymize(z *anonymizeFlags) error {
	a.anon = z
	return z.open(a.ui)
}

// name hides the name of an input.
func (z *anonymizeFlags) name(path string) string {
	if z == nil || z.by == nil {
		return path
	}
	return z.by.Name(path)
}

// hiddenError is an error whose text calls inputs by their hidden names.
type hiddenError struct {
	error
	text string
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.error }

// error is err as it may be shown: inputs that it names have their hidden names.
func (z *anonymizeFlags) error(err error) error {
	if z == nil || z.by == nil || err == nil {
		return err
	}
	return &hiddenError{err, z.text(err.Error(), err)}
}

// text hides in a text of err the paths of the errors that err wraps, but for paths where
// there is nothing: nothing was read there.
func (z *anonymizeFlags) text(text string, err error) string {
	switch e := err.(type) {
	case *capture.CutError:
		hidden := *e
		hidden.Path = z.name(e.Path)
		text = strings.Replace(text, e.Error(), hidden.Error(), 1)
	case *capture.FormatError:
		hidden := *e
		hidden.Path = z.name(e.Path)
		text = strings.Replace(text, e.Error(), hidden.Error(), 1)
	case *fs.PathError:
		if hidden := *e; !errors.Is(e, fs.ErrNotExist) {
			hidden.Path = z.name(e.Path)
			text = strings.Replace(text, e.Error(), hidden.Error(), 1)
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return z.text(text, e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, wrapped := range e.Unwrap() {
			text = z.text(text, wrapped)
		}
	}
	return text
}

// listening hides in err, which ended a live run, the name of the interface.
func (z *anonymizeFlags) listening(err error, iface string) error {
	if hidden := z.name(iface); err != nil && hidden != iface {
		return &hiddenError{err, strings.ReplaceAll(err.Error(), "listen on "+iface+":", "listen on "+hidden+":")}
	}
	return err
}

// card states in c what was hidden, and hides names in it. Hashes of inputs are left out:
// who has the same capture would know it by them.
func (z *anonymizeFlags) card(c *dataset.Card) {
	if z.by == nil {
		return
	}
	for i := range c.Sources {
		c.Sources[i].Path = z.name(c.Sources[i].Path)
		c.Sources[i].SHA256 = ""
	}
	if labels, ok := c.Settings["labels"]; ok {
		c.Settings["labels"] = z.name(labels)
	}
	c.Settings["anonymize"] = z.hidden.String()
}

// checkFolder refuses captures whose outputs in a folder would tell by their names what is to
// be hidden.
func (z *anonymizeFlags) checkFolder(captures []namedCapture) error {
	for _, c := range captures {
		if z.name(c.name) != c.name {
			return &hinted{fmt.Errorf("--anonymize %s: the output of %s would be called by an address", z.hidden, z.name(c.path)), "without -o FOLDER/ rows go to one file, and sources have names of their own"}
		}
	}
	return nil
}

// options are those of an output, with names hidden.
func (z *anonymizeFlags) options(o output.Options) output.Options {
	if source := o.Source; z.by != nil && source != nil {
		o.Source = func(i uint32) string { return z.by.Name(source(i)) }
	}
	return o
}

// renderer is r, shown nothing that is hidden.
func (z *anonymizeFlags) renderer(r extract.Renderer) extract.Renderer {
	if z.by == nil {
		return r
	}
	return z.by.Renderer(r)
}

// records hides the endpoints of records that have their labels and scores.
func (z *anonymizeFlags) records(recs []extract.Record) {
	if z.by != nil {
		z.by.Records(recs)
	}
}
