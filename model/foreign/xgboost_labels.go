package foreign

import "strconv"

// categoryLabels reads the labels of categorical features, which XGBoost 3.1 and later
// keep: of each feature either integers, or texts as the bytes of all of them and the
// offset of each (it takes no other types). Numeric features have none.
type categoryLabels struct {
	*xgboostDocument
	offsets []int32
	values  []int64
	typed   bool
}

const maxLabelBytes = 1 << 22

func (c *categoryLabels) part(key string) error {
	switch key {
	case "enc":
		return c.array(c.feature)
	case "feature_segments", "sorted_idx": // both follow from enc
		return c.skip()
	}
	return c.unknownKey(key)
}

func (c *categoryLabels) feature(i int) error {
	if i >= maxInputs {
		return c.fail("more than %d features", maxInputs)
	}
	c.offsets, c.values, c.typed = c.offsets[:0], c.values[:0], false
	err := c.object(func(key string) (err error) {
		switch key {
		case "offsets":
			c.offsets, err = c.ints(c.offsets, maxLabelBytes)
		case "values":
			c.values, err = c.longs(c.values, maxLabelBytes)
		case "type":
			c.typed = true
			_, err = c.integer()
		default:
			err = c.unknownKey(key)
		}
		return err
	})
	if err != nil {
		return err
	}
	var labels []string
	if c.typed {
		for _, v := range c.values {
			labels = append(labels, strconv.FormatInt(v, 10))
		}
	} else if labels, err = c.labelTexts(); err != nil {
		return err
	}
	for _, l := range labels {
		if c.room -= len(l) + 16; c.room < 0 {
			return c.fail("labels of more than %d MiB", maxNames>>20)
		}
	}
	c.labels = append(c.labels, labels)
	return nil
}

func (c *categoryLabels) labelTexts() ([]string, error) {
	var bytes []byte
	for _, v := range c.values {
		if v < -128 || v > 255 {
			return nil, c.fail("%d is no byte of a label", v)
		}
		bytes = append(bytes, byte(v))
	}
	if len(c.offsets) == 0 {
		if len(bytes) > 0 {
			return nil, c.fail("labels without offsets")
		}
		return nil, nil
	}
	labels := make([]string, 0, len(c.offsets)-1)
	last := int32(0)
	for k, at := range c.offsets {
		if at < last || int(at) > len(bytes) || k == 0 && at != 0 {
			return nil, c.fail("offset %d of labels is %d", k, at)
		}
		if k > 0 {
			labels = append(labels, string(bytes[last:at]))
		}
		last = at
	}
	if int(last) != len(bytes) {
		return nil, c.fail("offsets of labels end at %d of %d bytes", last, len(bytes))
	}
	return labels, nil
}
